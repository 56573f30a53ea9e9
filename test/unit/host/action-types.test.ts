import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import {
  parseBoolean,
  parseCarrier,
  parseCommand,
  parseConcurrency,
  parseKeep,
  parseOnUnavailableNode,
  parseRewrite,
  parseRoute,
} from '../../../src/host/input-values.js';
import { REPOSITORY } from '../../helpers/runner.js';

/** A type as github-actions-typing's specification has it. */
interface Type {
  readonly type: string;
  readonly separator?: string;
  readonly 'list-item'?: Type;
  readonly 'allowed-values'?: readonly string[];
}

interface Action {
  readonly name: string;
  readonly description: string;
  readonly branding: { readonly icon: string; readonly color: string };
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, object>>;
}

interface Types {
  readonly inputs: Readonly<Record<string, Type>>;
  readonly outputs: Readonly<Record<string, Type>>;
}

const read = (name: string) => load(readFileSync(join(REPOSITORY, name), 'utf8'));
const action = read('action.yml') as Action;
const types = read('action-types.yml') as Types;
const parsers: Readonly<Record<string, (value: string) => unknown>> = {
  keep: parseKeep,
  command: (value) => parseCommand(value, 'a-release'),
  carrier: parseCarrier,
  route: parseRoute,
  'on-unavailable-node': parseOnUnavailableNode,
  rewrite: parseRewrite,
};

test.each(['inputs', 'outputs'] as const)('the %s of action.yml have types, in order', (part) => {
  expect(Object.keys(types[part])).toEqual(Object.keys(action[part]));
});

test.each([...Object.entries(types.inputs), ...Object.entries(types.outputs)])(
  '%s has a known type',
  (_, one) => {
    const scalars = ['string', 'boolean', 'integer', 'float', 'enum'];
    expect([...scalars, 'list']).toContain(one.type);
    const keys = {
      list: ['type', 'separator', 'list-item'],
      enum: ['type', 'allowed-values'],
    }[one.type] ?? ['type'];
    expect(Object.keys(one)).toEqual(keys);
    if (one['list-item'] !== undefined) expect(scalars).toContain(one['list-item'].type);
  },
);

test('every input with a few values is parsed here', () => {
  const enums = Object.entries(types.inputs).filter(([, { type }]) => type === 'enum');
  expect(enums.map(([name]) => name).sort()).toEqual(Object.keys(parsers).sort());
});

test.each(Object.entries(parsers))('the values of %s are those that it takes', (name, parse) => {
  const values = types.inputs[name]?.['allowed-values'] ?? [];
  for (const value of values) expect(() => parse(value)).not.toThrow();
  const named = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  expect(() => parse('neither')).toThrow(`give ${named}.`);
});

test('what is a boolean or a number there is one here', () => {
  const of = (type: string) =>
    Object.entries(types.inputs).flatMap(([name, one]) => (one.type === type ? [name] : []));
  expect(of('boolean')).toEqual(['allow-missing-platforms']);
  expect(parseBoolean('a', 'true')).toBe(true);
  expect(() => parseBoolean('a', '1')).toThrow('give true or false');
  expect(of('integer')).toEqual(['concurrency']);
  expect(parseConcurrency('4')).toBe(4);
  expect(() => parseConcurrency('4.5')).toThrow('give a number');
});

test('defaults are among the values', () => {
  for (const [name, { 'allowed-values': values }] of Object.entries(types.inputs)) {
    const preset = action.inputs[name]?.default;
    if (values !== undefined) expect(values).toContain(preset);
  }
});

test('the Marketplace takes what action.yml says of the action', () => {
  // Its form refuses a description of 125 characters and more.
  expect(action.description.length).toBeLessThan(125);
  expect(action.name).toMatch(/^[A-Z][A-Za-z ]+$/);
  // The metadata syntax's colours, and its icons: Feather 4.28 but for some.
  const colours = ['white', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'];
  expect(colours).toContain(action.branding.color);
  expect(['box', 'package', 'layers', 'server', 'upload-cloud']).toContain(action.branding.icon);
});
