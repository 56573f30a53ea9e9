import { expect, test } from '@jest/globals';
import { cargoTarget } from '../../helpers/injector/cargo-target.js';

test('each checkout and each purpose has a directory of cargo of its own, always the same', () => {
  const places = [
    cargoTarget('tests', '/one'),
    cargoTarget('tests', '/other'),
    cargoTarget('target', '/one'),
  ];
  expect(new Set(places).size).toBe(3);
  expect(cargoTarget('tests', '/one')).toBe(places[0]);
});
