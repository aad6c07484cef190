// SPDX-License-Identifier: Apache-2.0
// Questions to Prometheus.
export class Prometheus {
  constructor(url) {
    this.url = url;
  }

  async ask(endpoint, parameters) {
    const answer = await fetch(`${this.url}/api/v1/${endpoint}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const said = await answer.json();
    if (said.status !== 'success') throw new Error(`${said.error}\nin ${parameters.query ?? endpoint}`);
    return said.data;
  }

  instant(query, ms) {
    return this.ask('query', { query, time: (ms / 1000).toFixed(3) });
  }

  range(query, startMs, endMs, step) {
    return this.ask('query_range', { query, start: (startMs / 1000).toFixed(3), end: (endMs / 1000).toFixed(3), step });
  }

  // The values of a label, as label_values(selector, label) gives them.
  async labelValues(selector, label, startMs, endMs) {
    const parameters = new URLSearchParams({ 'match[]': selector, start: (startMs / 1000).toFixed(3), end: (endMs / 1000).toFixed(3) });
    const answer = await (await fetch(`${this.url}/api/v1/label/${label}/values?${parameters}`)).json();
    if (answer.status !== 'success') throw new Error(`${answer.error}\nin ${selector}`);
    return answer.data;
  }

  // {labels: value} of each series of a query; the key is the labels asked for, in a list.
  async values(query, ms, labels) {
    const { result } = await this.instant(query, ms);
    return new Map(result.map(({ metric, value }) => [labels.map((label) => metric[label] ?? '').join('|'), Number(value[1])]));
  }
}
