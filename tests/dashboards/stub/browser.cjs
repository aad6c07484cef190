// SPDX-License-Identifier: Apache-2.0
// Before all else: as much of a browser as Grafana's packages want to see when they are loaded.
const element = () => ({ appendChild() {}, insertBefore() {}, setAttribute() {}, childNodes: [], style: {} });

globalThis.window ??= Object.assign(Object.create(globalThis), {
  addEventListener() {},
  removeEventListener() {},
  history: { pushState() {}, replaceState() {} },
  location: { href: '', search: '', pathname: '' },
});
globalThis.document ??= {
  head: element(),
  documentElement: element(),
  createElement: element,
  createTextNode: element,
  getElementsByTagName: () => [],
  addEventListener() {},
};
