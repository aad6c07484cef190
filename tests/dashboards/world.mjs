// SPDX-License-Identifier: Apache-2.0
// The world that world.py made: when it was, what is true of it, and what is chosen in it.
import fs from 'node:fs';
import { Prometheus } from './prometheus.mjs';
import { fill, times } from './model.mjs';

// The only call that is lost in this world is one whose thread died, which the dashboards do not call
// a loss: with this, an expression has these in place of all others.
export const losses = (expr) => expr.replaceAll('reason!="died"', 'reason="died"');

export class World {
  constructor(file) {
    Object.assign(this, JSON.parse(fs.readFileSync(file, 'utf8')));
    this.prometheus = new Prometheus(this.url);
    this.comms = [...new Set(this.calls.map((call) => call.comm))];
  }

  // What All of variable job is made of.
  async look() {
    this.jobs = await this.prometheus.labelValues('ior_up', 'job', this.end() - this.range * 1000, this.end());
    return this;
  }

  // The variables of a dashboard as somebody has them who looks at this world.
  choice(dashboard) {
    const shared = { ago: '30s', datasource: 'prometheus', job: this.jobs };
    return dashboard === 'process' ? { ...shared, comm: [...this.comms, 'shop hang'] } : shared;
  }

  // The end of the range, which has an exact start for one cluster only.
  end(cluster = 'one') {
    return this.ends[cluster];
  }

  total(field, test = () => true) {
    return this.calls.filter(test).reduce((sum, call) => sum + call[field], 0);
  }

  // A target's answer as the panel gets it.
  async answer(target, chosen, options = {}) {
    const { step, builtIn } = times(target, this.range, options);
    const query = fill(target.expr, chosen, builtIn);
    const end = this.end(options.cluster);
    return target.instant
      ? this.prometheus.instant(query, end)
      : this.prometheus.range(query, end - Math.floor(this.range / step) * step * 1000, end, step);
  }

  // The same at the end alone. Over the whole range, $__rate_interval is the range itself, so rates
  // and increases are exact.
  async exact(target, chosen, cluster = 'one', range = this.range) {
    const { builtIn } = times({ interval: `${range - 1}s` }, range);
    return this.prometheus.instant(fill(target.expr, chosen, builtIn), this.end(cluster));
  }
}
