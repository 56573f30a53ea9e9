import { parseReference } from '../images/reference.js';
import type { InjectedNames } from './names.js';

/**
 * The text of a Kustomize component that rewrites the injected images, wherever a list named `containers` or
 * `initContainers` names them, and in image volumes where Kustomize knows of these (5.7.1 does, 5.0.4 does not).
 *
 * Kustomize takes `name` for the beginning of a regular expression, behind which a tag and a digest may stand (api,
 * internal/image/image.go, `IsImageMatched`; the same since 4.0). With a bare name every tag of it would become the
 * injected one, so tag or digest belong to the expression, and `$` ends it. One entry stands for all spellings of an image,
 * since Kustomize goes through all objects once for each.
 */
export function kustomizationFor(names: InjectedNames): string {
  const entries = [...Map.groupBy(names, ([, pullable]) => pullable)].flatMap(
    ([pullable, group]) => {
      const [newName, digest] = pullable.split('@');
      const spellings = group.map(([name]) => spellingsOf(name));
      return [
        `  - name: '(${spellings.join('|')})$'`,
        `    newName: '${newName}'`,
        `    digest: ${digest}`,
      ];
    },
  );
  return [
    'apiVersion: kustomize.config.k8s.io/v1alpha1',
    'kind: Component',
    'images:',
    ...entries,
    '',
  ].join('\n');
}

/** A regular expression of RE2 for every spelling of a full name: `nginx:1.29`, `docker.io/library/nginx:1.29`, … */
export function spellingsOf(name: string): string {
  const { domain, path, tag, digest } = parseReference(name);
  const end = digest === undefined ? tagged(tag) : `(:[^@]*)?@${literal(digest)}`;
  if (domain !== 'docker.io') return `${literal(`${domain}/${path}`)}${end}`;
  const [, single] = /^library\/([^/]+)$/.exec(path) ?? [];
  const host = '((index\\.)?docker\\.io/)';
  // What Docker would take for a host keeps the real one in front.
  const isHost = parseReference(path).domain !== 'docker.io';
  return single === undefined
    ? `${host}${isHost ? '' : '?'}${literal(path)}${end}`
    : `${host}?(library/)?${literal(single)}${end}`;
}

function tagged(tag: string | undefined): string {
  return tag === 'latest' ? '(:latest)?' : `:${literal(tag ?? '')}`;
}

/** Of the characters of a reference these mean something else in a regular expression. */
const literal = (text: string) => text.replaceAll(/[.[\]+]/g, '\\$&');
