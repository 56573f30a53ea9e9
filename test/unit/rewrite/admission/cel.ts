import { Environment } from '@marcbachmann/cel-js';
import type { Variable } from '../../../../src/rewrite/admission/expressions.js';

/** What an admission policy sees of a request. */
export interface Request {
  readonly object: object;
  /** What the update changes; null where the Pod is made. */
  readonly oldObject: object | null;
  readonly request: { readonly namespace: string; readonly operation: 'CREATE' | 'UPDATE' };
  readonly namespaceObject?: object;
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 1_000_000, maxMapEntries: 1_000_000 },
});

/** The value of a variable for a request, evaluated with those that it asks for, as Kubernetes does it. */
export function evaluated(variables: readonly Variable[], name: string, request: Request): unknown {
  const values = {};
  for (const { name: key, expression } of variables) {
    Object.defineProperty(values, key, {
      enumerable: true,
      get: () => environment.evaluate(expression, { ...request, variables: values }),
    });
  }
  return (values as Record<string, unknown>)[name];
}
