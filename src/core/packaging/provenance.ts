import { VERSION } from '../../version.js';
import type { OnnxGraph } from '../onnx/graph.js';

export const PROVENANCE_ENTRY = 'MAR-INF/MODEL.cdx.json';

/** What the people who made a model say about it. */
export interface Provenance {
  /** An SPDX expression, as MIT or CC-BY-4.0, or the name of a licence. */
  readonly license?: string;
  readonly author?: string;
  readonly description?: string;
  /** Where the model can be found or read about. */
  readonly source?: string;
  readonly trainingData?: string;
}

export interface ProvenanceInput extends Provenance {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly graph: OnnxGraph;
}

const SPDX = /^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/;

/** A CycloneDX 1.6 document with the model as its component: producer, operator sets, licence, training data. */
export function renderProvenance(input: ProvenanceInput): string {
  const { modelName, modelVersion, graph, license, author, description, source, trainingData } = input;
  const component = {
    type: 'machine-learning-model',
    'bom-ref': `model:${modelName}@${modelVersion}`,
    name: modelName,
    version: modelVersion,
    description,
    authors: author === undefined ? undefined : [{ name: author }],
    licenses:
      license === undefined
        ? undefined
        : [SPDX.test(license) ? { expression: license } : { license: { name: license } }],
    externalReferences: source === undefined ? undefined : [{ type: 'website', url: source }],
    modelCard: {
      modelParameters: {
        datasets: trainingData === undefined ? undefined : [{ type: 'dataset', description: trainingData }],
        inputs: graph.inputs.map((value) => ({ format: `${value.onnxType} [${(value.shape ?? []).join(', ')}]` })),
        outputs: graph.outputs.map((value) => ({ format: `${value.onnxType} [${(value.shape ?? []).join(', ')}]` })),
      },
    },
    properties: [
      { name: 'onnx:producer', value: `${graph.producer} ${graph.producerVersion}`.trim() },
      { name: 'onnx:irVersion', value: String(graph.irVersion) },
      ...graph.opsets.map(({ domain, version }) => ({ name: `onnx:opset:${domain}`, value: String(version) })),
      { name: 'onnx:nodes', value: String(graph.nodeCount) },
    ],
  };
  const tools = { components: [{ type: 'application', name: 'eisen-deploy', version: VERSION }] };
  const document = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { tools, component } };
  return `${JSON.stringify(document, null, 2)}\n`;
}
