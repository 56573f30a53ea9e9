import type {
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1PodSpec,
} from '@kubernetes/client-node';
import { ActionError } from '../lib/errors.js';

/** One requirement of a label selector (apimachinery `labels.Parse`): `a`, `!a`, `a=b`, `a!=b`, `a>1`, `a in (b,c)`. */
const REQUIREMENT =
  /^\s*(?:(?<absent>!)\s*(?<gone>[\w./-]+)|(?<key>[\w./-]+)(?:\s*(?<sign>==?|!=|<|>)\s*(?<value>[\w.-]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;

/** The commas between requirements, not those within a set. */
const BETWEEN = /,(?![^(]*\))/;

const OPERATORS: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  '>': 'Gt',
  '<': 'Lt',
};

/**
 * Nodes that no image can be brought to, as far as labels tell: Fargate's, virtual ones of virtual-kubelet, of Liqo, of
 * Tencent's TKE (super nodes) and of Oracle's OKE, and those that kwok plays.
 */
const UNFIT = [
  { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
  { key: 'type', operator: 'NotIn', values: ['virtual-kubelet', 'virtual-node', 'kwok'] },
  { key: 'liqo.io/type', operator: 'NotIn', values: ['virtual-node'] },
  { key: 'node.kubernetes.io/instance-type', operator: 'NotIn', values: ['eklet'] },
  { key: 'node-role.kubernetes.io/virtual-node', operator: 'DoesNotExist' },
] as const satisfies readonly V1NodeSelectorRequirement[];

/** Whether no image can be brought to a node with these labels. */
export function isUnfit(labels: Readonly<Record<string, string>>): boolean {
  return UNFIT.some((term) =>
    'values' in term ? term.values.some((value) => labels[term.key] === value) : term.key in labels,
  );
}

/** Instead of them where admission takes no such terms: a term without any is met by no node. */
const ANY = [
  { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
] as const satisfies readonly V1NodeSelectorRequirement[];

/** The nodes among which a scheduler is to choose, by their names. */
export interface NamedNodes {
  /** No others; any when undefined. */
  readonly on?: readonly string[] | undefined;
  /** On these sooner than on others. */
  readonly sooner?: readonly string[] | undefined;
  /** None of these. */
  readonly notOn?: readonly string[] | undefined;
  /** And those that meet one of these. */
  readonly besides?: readonly V1NodeSelectorTerm[] | undefined;
  /** Whether nothing is said of nodes that no image can be brought to. */
  readonly unfitToo?: boolean | undefined;
}

/**
 * What makes a scheduler choose among the Linux nodes of an architecture that have the labels: for Pods of those who may
 * not list nodes, and so name none, and for Pods that come later. Throws an ActionError when the selector is none.
 *
 * @param selector as kubectl takes it; all nodes when undefined
 */
export function placementFor(
  architecture: string,
  selector: string | undefined,
  { on, sooner = [], notOn = [], besides = [], unfitToo = false }: NamedNodes = {},
): Pick<V1PodSpec, 'nodeSelector' | 'affinity'> {
  const matchExpressions: V1NodeSelectorRequirement[] = [
    ...(unfitToo ? ANY : UNFIT),
    ...requirementsOf(selector),
  ];
  const excluded = notOn.map(named('NotIn'));
  // A field takes one value; of terms, one has to be met.
  const places = on === undefined ? [excluded] : on.map((node) => [named('In')(node), ...excluded]);
  const terms = places.map((fields) => termOf(matchExpressions, fields));
  const others = besides.map((term) => without(excluded, term, matchExpressions));
  const each = new Map([...others, ...terms].map((term) => [JSON.stringify(term), term]));
  return {
    nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [...each.values()],
        },
        ...(sooner.length > 0 && {
          preferredDuringSchedulingIgnoredDuringExecution: namedTerms(sooner).map((preference) => ({
            weight: 100,
            preference,
          })),
        }),
      },
    },
  };
}

const named = (operator: 'In' | 'NotIn') => (node: string) => ({
  key: 'metadata.name',
  operator,
  values: [node],
});

const termOf = (
  matchExpressions: V1NodeSelectorRequirement[],
  matchFields: V1NodeSelectorRequirement[],
): V1NodeSelectorTerm => ({ matchExpressions, ...(matchFields.length > 0 && { matchFields }) });

/**
 * A term of before without these nodes either. It keeps off those that it kept off, too, unless it has the selector of now:
 * what of its nodes is to be left out, nobody else can tell.
 */
function without(
  excluded: readonly V1NodeSelectorRequirement[],
  term: V1NodeSelectorTerm,
  now: readonly V1NodeSelectorRequirement[],
): V1NodeSelectorTerm {
  const { matchExpressions, matchFields = [] } = term;
  if (matchExpressions === undefined) return term;
  const isOfNow = JSON.stringify(matchExpressions) === JSON.stringify(now);
  const fields = [...(isOfNow ? [] : matchFields), ...excluded];
  const each = new Map(fields.map((field) => [JSON.stringify(field), field]));
  return termOf(matchExpressions, [...each.values()]);
}

/** Terms that these nodes meet, each one, whatever labels they have. */
export function namedTerms(nodes: readonly string[]): V1NodeSelectorTerm[] {
  return nodes.map((node) => ({ matchFields: [named('In')(node)] }));
}

/**
 * A label selector in the words of node affinity, which means the same by them. Throws an ActionError.
 *
 * @param input the name of the one that has it
 */
export function requirementsOf(
  selector: string | undefined,
  input = 'nodes',
): V1NodeSelectorRequirement[] {
  return selector === undefined || selector.trim() === ''
    ? []
    : selector.split(BETWEEN).map((one) => requirementOf(one, selector, input));
}

function requirementOf(text: string, selector: string, input: string): V1NodeSelectorRequirement {
  const { absent, gone, key, sign, value, set, values } = REQUIREMENT.exec(text)?.groups ?? {};
  if (absent !== undefined && gone !== undefined) {
    return { key: gone, operator: 'DoesNotExist' };
  }
  if (key === undefined) {
    throw new ActionError(
      `The input \`${input}\` is "${selector}", which is no label selector, since "${text.trim()}" is no requirement; write it as for kubectl, such as kubernetes.io/os=linux,pool in (a,b).`,
    );
  }
  const operator = OPERATORS[sign ?? set ?? ''];
  return operator === undefined
    ? { key, operator: 'Exists' }
    : { key, operator, values: (values ?? value ?? '').split(',').map((one) => one.trim()) };
}
