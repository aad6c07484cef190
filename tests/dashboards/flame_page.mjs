// SPDX-License-Identifier: Apache-2.0
// A page with nothing but Grafana's flame graph, of the frame in window.frame.
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { FieldType, createDataFrame, createTheme } from '@grafana/data';
import { FlameGraph, checkFields, getMessageCheckFieldsResult } from '@grafana/flamegraph';

const theme = createTheme({ colors: { mode: 'dark' } });
const { fields, unit } = window.frame;
const frame = createDataFrame({
  fields: fields.map(({ name, values }) => ({
    name,
    values,
    type: typeof values[0] === 'number' ? FieldType.number : FieldType.string,
    config: name === 'value' || name === 'self' ? { unit } : {},
  })),
});

// as the panel does it
const wrong = checkFields(frame);
document.body.style.background = theme.colors.background.primary;
document.body.style.color = theme.colors.text.primary;
document.body.style.fontFamily = 'sans-serif';
createRoot(document.getElementById('root')).render(wrong
  ? createElement('p', { id: 'wrong' }, getMessageCheckFieldsResult(wrong))
  : createElement(FlameGraph, { data: frame, getTheme: () => theme, showFlameGraphOnly: true, disableCollapsing: true }));
