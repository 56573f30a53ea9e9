import { ActionError } from '../lib/errors.js';
import { splitItems } from '../lib/items.js';

/** A label's name, and its value where there is one: `[A-Za-z0-9]` at both ends, 63 characters. */
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** A DNS subdomain (RFC 1123) of up to 253 characters, which may stand before a slash. */
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Keys, and beginnings of keys, that the action sets by itself. */
const OWN =
  /^(app\.kubernetes\.io\/(managed-by|name)$|jackal-inject\.dev\/|pod-security\.kubernetes\.io\/|kubernetes\.io\/metadata\.name$|istio-injection$|istio\.io\/dataplane-mode$|sidecar\.istio\.io\/inject$|kuma\.io\/sidecar-injection$|zarf\.dev\/agent$|admission\.datadoghq\.com\/enabled$)/;

/** Whether the action sets a label of this key by itself. */
export function isOwnLabel(key: string): boolean {
  return OWN.test(key);
}

/**
 * Labels, one `key=value` a line or between commas, by the rules of Kubernetes (apimachinery, `pkg/util/validation`).
 * Throws an ActionError that names the item and what is wrong with it.
 */
export function parseLabels(value: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const item of splitItems(value)) {
    const [key, content] = parseLabel(item);
    if (labels[key] !== undefined && labels[key] !== content) {
      throw new ActionError(`The input \`labels\` gives ${key} twice; give one value.`);
    }
    labels[key] = content;
  }
  return labels;
}

function parseLabel(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  const [key, value] = [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
  const slash = key.indexOf('/');
  const prefixed = slash < 0 || PREFIX.test(key.slice(0, slash));
  const fault =
    at < 0
      ? 'has no equals sign'
      : !prefixed || !NAME.test(key.slice(slash + 1))
        ? 'has a key that Kubernetes does not take'
        : value !== '' && !NAME.test(value)
          ? 'has a value that Kubernetes does not take'
          : isOwnLabel(key)
            ? 'has a key that the action sets by itself'
            : undefined;
  if (fault !== undefined) {
    throw new ActionError(
      `The line "${line}" of the input \`labels\` ${fault}; give \`key=value\` with up to 63 letters, digits, dashes, underscores and dots, such as team=web.`,
    );
  }
  return [key, value];
}
