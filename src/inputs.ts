import * as core from '@actions/core';
import { ActionError } from './errors.js';

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
}

/** A DNS label (RFC 1123), which is what Kubernetes takes for a namespace. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SECONDS_IN = { s: 1, m: 60, h: 3600 } as const;

/** Reads and checks every input; throws an ActionError that names the input, its value and what is allowed. */
export function readInputs(): Inputs {
  return {
    ...readConnectionInputs(),
    images: parseImages(core.getInput('images')),
    namespace: parseNamespace(core.getInput('namespace')),
    timeout: parseTimeout(core.getInput('timeout')),
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
