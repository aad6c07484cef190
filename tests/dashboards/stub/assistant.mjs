// SPDX-License-Identifier: Apache-2.0
// A button that only Grafana's cloud has.
export const OpenAssistantButton = () => null;
export const useAssistant = () => ({ isAvailable: false });
export const createAssistantContextItem = () => ({});
