// SPDX-License-Identifier: Apache-2.0
// What the parts of Grafana that we take ask of a running Grafana: nothing of it matters here.
export const config = { featureToggles: {} };
export const getDataSourceSrv = () => ({});
export const getTemplateSrv = () => ({ replace: (text) => text });
export const reportInteraction = () => {};
