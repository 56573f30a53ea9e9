import * as core from '@actions/core';
import { ActionError } from './errors.js';
import { CONFIGMAP_BUDGET_BYTES, KIB, MIB } from './limits.js';

/** What the user asked for; nothing else in the action reads an input. */
export interface Inputs {
  /** The lines of `images`, trimmed, without comments and empty lines. */
  readonly images: readonly string[];
  /** Path or content of a kubeconfig. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  /** Seconds. */
  readonly timeout: number;
  /** Bytes that the run may put into ConfigMaps. */
  readonly configMapBudget: number;
}

/** A DNS label (RFC 1123), which is what Kubernetes takes for a namespace. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Kubernetes' binary suffixes of a quantity. */
const BYTES_IN = { '': 1, Ki: KIB, Mi: MIB, Gi: 1024 * MIB } as const;
const SECONDS_IN = { s: 1, m: 60, h: 3600 } as const;

/** Reads and checks every input; throws an ActionError that names the input, its value and what is allowed. */
export function readInputs(): Inputs {
  return {
    ...readConnectionInputs(),
    images: parseImages(core.getInput('images')),
    namespace: parseNamespace(core.getInput('namespace')),
    timeout: parseTimeout(core.getInput('timeout')),
    configMapBudget: parseBytes('configmap-budget', core.getInput('configmap-budget')),
  };
}

/** The inputs that say which cluster; the post step needs no others. */
export function readConnectionInputs(): Pick<Inputs, 'kubeconfig' | 'context'> {
  const kubeconfig = core.getInput('kubeconfig');
  const context = core.getInput('context');
  return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}

/** The lines of the `images` input that name something. */
export function parseImages(value: string): string[] {
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) {
    throw new ActionError(
      'The input `images` is empty; give at least one image reference or archive path, one a line.',
    );
  }
  return lines;
}

/** A namespace name, checked before any request carries it. */
export function parseNamespace(value: string): string {
  const name = value === '' ? 'jackal-inject' : value;
  if (!NAMESPACE.test(name)) {
    throw new ActionError(
      `The input \`namespace\` is "${name}", which is no namespace name; use up to 63 lower-case letters, digits and dashes.`,
    );
  }
  return name;
}

/** A duration such as `90`, `90s`, `10m` or `1h`, in seconds. */
export function parseTimeout(value: string): number {
  const match = /^(\d{1,6})([smh]?)$/.exec(value === '' ? '10m' : value);
  const seconds = Number(match?.[1]) * SECONDS_IN[(match?.[2] || 's') as keyof typeof SECONDS_IN];
  if (!(seconds > 0)) {
    throw new ActionError(
      `The input \`timeout\` is "${value}"; give a number of seconds above 0, or a number with s, m or h, such as 10m.`,
    );
  }
  return seconds;
}

/** A number of bytes as Kubernetes writes it, such as `256Mi`; the budget's default when empty. */
export function parseBytes(input: string, value: string): number {
  if (value === '') {
    return CONFIGMAP_BUDGET_BYTES;
  }
  const match = /^(\d{1,12})(|Ki|Mi|Gi)$/.exec(value);
  const bytes = Number(match?.[1]) * BYTES_IN[(match?.[2] ?? '') as keyof typeof BYTES_IN];
  if (!(bytes > 0)) {
    throw new ActionError(
      `The input \`${input}\` is "${value}"; give a number of bytes above 0, or a number with Ki, Mi or Gi, such as 256Mi.`,
    );
  }
  return bytes;
}
