// SPDX-License-Identifier: Apache-2.0
// From Prometheus' answer to what a panel draws, by Grafana's own code: its Prometheus data source at
// two majors, and the transformations of three.
import { firstValueFrom } from 'rxjs';
import * as data13 from '@grafana/data';
import * as source13 from 'grafana-result-transformer';
import * as data10 from 'grafana-data-10';
import * as data11 from 'grafana-data-11';
import * as source11 from 'grafana-result-transformer-11';

export const majors = { 10: data10, 11: data11, 13: data13 };
export const sources = { 11: source11, 13: source13 };

// Grafana 10's data source is no package of its own, so that of 11 stands for it.
const sourceOf = (major) => (major in sources ? major : 11);

for (const data of Object.values(majors)) {
  const known = new Map(Object.values(data.standardTransformers).map((one) => [one.id, one]));
  data.standardTransformersRegistry.setInit(() => [...known.values()].map((one) => ({
    id: one.id,
    name: one.name,
    editor: () => null,
    transformation: one,
  })));
}

// What Grafana's backend makes of an answer: a frame for each series.
function backendFrames({ resultType, result }, refId, { createDataFrame, FieldType }) {
  return result.map(({ metric, value, values }) => {
    const points = values ?? [value];
    return createDataFrame({
      refId,
      meta: { custom: { resultType } },
      fields: [
        { name: 'Time', type: FieldType.time, config: {}, values: points.map(([at]) => at * 1000) },
        { name: metric.__name__ ?? 'Value', type: FieldType.number, config: {}, labels: metric, values: points.map(([, text]) => Number(text)) },
      ],
    });
  });
}

// answers: [{ target, answer }] of one panel
export function dataSourceFrames(answers, major) {
  const own = sourceOf(major);
  const data = answers.flatMap(({ target, answer }) => backendFrames(answer, target.refId, majors[own]));
  return sources[own].transformV2({ data }, { targets: answers.map(({ target }) => target) }, {}).data;
}

export async function transformed(frames, transformations, major) {
  const data = majors[major];
  const copies = frames.map((frame) => data.toDataFrame({ ...frame, fields: frame.fields.map((field) => ({ ...field, values: [...field.values], state: undefined })) }));
  const out = await firstValueFrom(data.transformDataFrame(structuredClone(transformations ?? []), copies));
  return out.map((frame) => ({
    ...frame,
    length: frame.length,
    fields: frame.fields.map((field) => ({ ...field, values: [...field.values], shown: data.getFieldDisplayName(field, frame, out) })),
  }));
}

export const column = (frame, name) => frame.fields.find((field) => field.name === name || field.shown === name)?.values;
