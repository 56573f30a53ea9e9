import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Small documents that runs on this machine leave to later ones, one file each in a directory; the most recently used
 * are kept. No run depends on them: what cannot be read is not there, and a disk that takes nothing costs the next run
 * time, and no more.
 */
export class Records {
  constructor(
    private readonly directory: string,
    private readonly most: number,
  ) {}

  /** The document of a name, whatever it has become; undefined when there is none. */
  async read(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.path(name), 'utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Tells that a document is used, so that others are forgotten before it. */
  async touch(name: string): Promise<void> {
    const now = new Date();
    await utimes(this.path(name), now, now).catch(() => undefined);
  }

  /** Names of all documents. */
  async names(): Promise<readonly string[]> {
    const files = await readdir(this.directory).catch(() => []);
    return files
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length));
  }

  /** Writes a document down, in place of one that has its name. */
  async write(name: string, document: unknown): Promise<void> {
    const path = this.path(name);
    const fresh = `${path}.${process.pid}`;
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await writeFile(fresh, JSON.stringify(document));
      await rename(fresh, path);
      await this.forgetOldest();
    } catch {
      await rm(fresh, { force: true }).catch(() => undefined);
    }
  }

  private path(name: string): string {
    return join(this.directory, `${name}${SUFFIX}`);
  }

  private async forgetOldest(): Promise<void> {
    const names = await readdir(this.directory);
    if (names.length <= this.most) return;
    const aged = names.map(async (name) => {
      const path = join(this.directory, name);
      return { path, used: (await stat(path)).mtimeMs };
    });
    const oldest = (await Promise.all(aged)).toSorted((one, other) => one.used - other.used);
    const many = oldest.slice(0, names.length - this.most);
    await Promise.all(many.map(({ path }) => rm(path, { force: true })));
  }
}

const SUFFIX = '.json';
