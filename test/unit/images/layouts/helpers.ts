import { expect } from '@jest/globals';
import { drain, LAYER, type Layout, layerOf, read, type TestDescriptor } from '../fixtures.js';

export const AMD = { os: 'linux', architecture: 'amd64' };
export const ARM = { os: 'linux', architecture: 'arm64' };
export const RAW = layerOf('a', 'content');
export const PLAIN = { stored: RAW, raw: RAW, mediaType: LAYER };

/** The images that a line gives, and the lines for the log. */
export async function readAll(place: string, line: string, platforms = ['linux/amd64']) {
  const notices: string[] = [];
  const set = await read(place, [line], { platforms, onNotice: (text) => notices.push(text) });
  await drain(set);
  await set.close();
  return { images: set.images, notices };
}

/** The one image that a line gives, and the lines for the log. */
export async function only(place: string, line: string, platforms = ['linux/amd64']) {
  const { images, notices } = await readAll(place, line, platforms);
  expect(images).toHaveLength(1);
  return { image: images[0] as (typeof images)[0], notices };
}

/** An image with layers of its own, so that its digest is its own too. */
export function imageOf(layout: Layout, text: string, platform = AMD): TestDescriptor {
  const raw = layerOf('own', text);
  return layout.image([{ stored: raw, raw, mediaType: LAYER }], { platform });
}

/** A descriptor that lacks one member. */
export function without<T extends object>(descriptor: T, member: string): T {
  const { [member]: _, ...rest } = descriptor as Record<string, unknown>;
  return rest as T;
}
