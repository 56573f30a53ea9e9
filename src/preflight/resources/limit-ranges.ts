import type { V1LimitRange, V1LimitRangeItem } from '@kubernetes/client-node';
import { thousandthsOf } from './quantity.js';

/** What limit ranges say of one resource, in thousandths; for a container, or for all of a Pod together. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** The most that a limit may be of its request. */
  readonly ratio: number;
}

/** Whom a limit range speaks of. */
export type Scope = 'Container' | 'Pod';

/** The strictest bounds, by scope and resource. */
export type Ranges = ReadonlyMap<string, Bounds>;

const FREE: Bounds = { min: 0, max: Number.POSITIVE_INFINITY, ratio: Number.POSITIVE_INFINITY };

/** What the ranges say of a resource. */
export function boundsOf(ranges: Ranges, scope: Scope, resource: string): Bounds {
  return ranges.get(`${scope} ${resource}`) ?? FREE;
}

/** Whether the ranges say anything of a resource. */
export function speaksOf(ranges: Ranges, resource: string): boolean {
  return [...ranges.keys()].some((key) => key.endsWith(` ${resource}`));
}

/** As the API server writes it: the client's own type has a word of JavaScript's under another name. */
export type LimitRangeItem = Omit<V1LimitRangeItem, '_default'> & {
  readonly default?: Readonly<Record<string, string>>;
};

/**
 * Reads the namespace's LimitRanges. Their defaults bind nobody who states something, so of these it just matters which
 * resources they are of.
 */
export function rangesOf(limitRanges: readonly V1LimitRange[]): Ranges {
  const items = limitRanges.flatMap(({ spec }) => (spec?.limits ?? []) as LimitRangeItem[]);
  const rules = items.flatMap(({ type, min, max, maxLimitRequestRatio }) => [
    ...rulesIn(type, 'min', min),
    ...rulesIn(type, 'max', max),
    ...rulesIn(type, 'ratio', maxLimitRequestRatio),
  ]);
  const defaults = items.flatMap((item) =>
    Object.keys({ ...item.default, ...item.defaultRequest }).map((name) => `${item.type} ${name}`),
  );
  return combined(new Map(defaults.map((key) => [key, FREE])), rules);
}

/**
 * The ranges where containers that do not state a resource are given some of it, by whatever rule.
 *
 * @param ratio the most that a limit may be of its request there, in thousandths
 */
export function rangesWith(ranges: Ranges, resource: string, ratio = FREE.ratio): Ranges {
  return combined(ranges, [{ key: `Container ${resource}`, kind: 'ratio', value: ratio }]);
}

interface Rule {
  readonly key: string;
  readonly kind: keyof Bounds;
  readonly value: number;
}

function rulesIn(type: string, kind: keyof Bounds, values: Record<string, string> = {}): Rule[] {
  return Object.entries(values).flatMap(([resource, quantity]) =>
    ruleOf(type, kind, resource, quantity),
  );
}

function ruleOf(type: string, kind: keyof Bounds, resource: string, quantity: string): Rule[] {
  const value = thousandthsOf(quantity);
  return value === undefined ? [] : [{ key: `${type} ${resource}`, kind, value }];
}

function combined(ranges: Ranges, rules: readonly Rule[]): Ranges {
  const all = new Map(ranges);
  for (const { key, kind, value } of rules) {
    const bounds = all.get(key) ?? FREE;
    const stricter = kind === 'min' ? Math.max(bounds.min, value) : Math.min(bounds[kind], value);
    all.set(key, { ...bounds, [kind]: stricter });
  }
  return all;
}

/** The API server's words for what breaks a limit range (plugin/pkg/admission/limitranger). */
const MIN_OR_MAX =
  /\b(minimum|maximum) (\S+) usage per (Container|Pod) is ([^\s,]+?)\.?(?=[,\s])/gi;
const RATIO = /([\w./-]+) max limit to request ratio per (Container|Pod) is ([^\s,]+),/gi;

/**
 * The ranges with what a refusal says of them: a user who may not list LimitRanges learns them one by
 * one. The same ranges when it says nothing new.
 */
export function rangesAfter(ranges: Ranges, refusal: string): Ranges {
  const rules = [
    ...[...refusal.matchAll(MIN_OR_MAX)].flatMap(
      ([, most = '', resource = '', type = '', quantity = '']) =>
        ruleOf(type, most.toLowerCase() === 'minimum' ? 'min' : 'max', resource, quantity),
    ),
    ...[...refusal.matchAll(RATIO)].flatMap(([, resource = '', type = '', quantity = '']) =>
      ruleOf(type, 'ratio', resource, quantity),
    ),
  ];
  const after = combined(ranges, rules);
  const told = (all: Ranges) => JSON.stringify([...all]);
  return told(after) === told(ranges) ? ranges : after;
}
