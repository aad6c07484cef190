// SPDX-License-Identifier: Apache-2.0
// What was checked: for each panel, how many checks of each kind passed, and what failed.
const KINDS = ['lint', 'data', 'figures', 'frames', 'types', 'picture', 'control'];

export class Report {
  constructor() {
    this.rows = new Map();
    this.failures = [];
    this.passed = 0;
    this.skipped = [];
  }

  // problem: nothing if it is right, else what is wrong
  check(dashboard, subject, kind, problem) {
    const key = `${dashboard} / ${subject}`;
    const row = this.rows.get(key) ?? {};
    const cell = (row[kind] ??= { passed: 0, failed: 0 });
    this.rows.set(key, row);
    if (problem) {
      cell.failed++;
      this.failures.push(`${key}: ${kind}: ${problem}`);
    } else {
      cell.passed++;
      this.passed++;
    }
  }

  // A check that is a function: it fails by what it throws or returns.
  async run(dashboard, subject, kind, check) {
    let problem;
    try {
      problem = await check();
    } catch (wrong) {
      problem = wrong.message;
    }
    this.check(dashboard, subject, kind, problem);
  }

  skip(what, reason) {
    this.skipped.push(`${what}: ${reason}`);
  }

  print() {
    const kinds = KINDS.filter((kind) => [...this.rows.values()].some((row) => row[kind]));
    const width = Math.max(...[...this.rows.keys()].map((key) => key.length));
    console.log(['dashboard / panel'.padEnd(width), ...kinds.map((kind) => kind.padStart(8))].join(''));
    for (const [key, row] of this.rows) {
      const cells = kinds.map((kind) => {
        const cell = row[kind];
        if (!cell) return '-'.padStart(8);
        return (cell.failed ? `${cell.failed} BAD` : `${cell.passed} ok`).padStart(8);
      });
      console.log([key.padEnd(width), ...cells].join(''));
    }
    for (const failure of this.failures) console.log(`FAILED ${failure}`);
    for (const skip of this.skipped) console.log(`SKIPPED ${skip}`);
    console.log(`dashboards: ${this.passed} passed, ${this.failures.length} failed, ${this.skipped.length} skipped`);
    return this.failures.length ? 1 : 0;
  }
}
