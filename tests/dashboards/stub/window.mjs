// SPDX-License-Identifier: Apache-2.0
globalThis.window ??= globalThis;
