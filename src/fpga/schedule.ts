export const pipelineDepths = { unit: 18, reciprocal: 33, gate: 8, head: 10, output: 5 };
