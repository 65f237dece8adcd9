import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

const INSERT = {
  name: 'insert-row',
  text: `insert into bench_events (stream, revision, id, type, data, metadata) values ($1, $2, $3, $4, $5, $6)`,
};

/** Only the columns and the unique key that a stream needs. */
export const createTable = (name: string): string => `
create table if not exists ${name} (
  position bigint generated always as identity primary key,
  stream text collate "C" not null,
  revision bigint not null,
  id uuid not null,
  type text not null,
  data bytea not null,
  metadata bytea not null,
  unique (stream, revision)
)`;

/** The minimum cost of a durable append: one row, one commit, one connection per writer. */
export class SingleRowCommits {
  private constructor(private readonly clients: readonly Client[]) {}

  /** Connects, and creates the table. */
  static async open(connectionString: string, connections: number): Promise<SingleRowCommits> {
    const clients = Array.from({ length: connections }, () => new Client({ connectionString }));
    await Promise.all(clients.map((client) => client.connect()));
    await clients[0]?.query(createTable('bench_events'));
    return new SingleRowCommits(clients);
  }

  /** Each connection commits row after row until the time is up. Returns their number. */
  async write(until: number, data: Buffer, metadata: Buffer): Promise<number> {
    const counts = this.clients.map(async (client) => {
      const stream = randomUUID();
      let revision = 0;
      for (; performance.now() < until; revision += 1) await insert(client, stream, revision, data, metadata);
      return revision;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Commits one row. */
  async writeOne(data: Buffer, metadata: Buffer): Promise<void> {
    await insert(this.first, randomUUID(), 0, data, metadata);
  }

  /** Reads rows in pages of 500, in order of position. Returns their number. */
  async read(limit: number): Promise<number> {
    let position = 0;
    let count = 0;
    while (count < limit) {
      const { rows } = await this.first.query<{ position: string }>({
        name: 'read-page',
        text: 'select * from bench_events where position > $1 order by position limit 500',
        values: [position],
      });
      if (rows.length === 0) break;
      count += rows.length;
      position = Number(rows.at(-1)?.position);
    }
    return count;
  }

  /** The durability settings of the server. */
  async settings(): Promise<string> {
    const { rows } = await this.first.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings
       where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_sync_method', 'server_version')`,
    );
    return rows.map(({ name, setting }) => `${name}=${setting}`).join(' ');
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  private get first(): Client {
    const [client] = this.clients;
    if (!client) throw new RangeError('at least one connection is required');
    return client;
  }
}

async function insert(client: Client, stream: string, revision: number, data: Buffer, metadata: Buffer) {
  await client.query(INSERT, [stream, revision, randomUUID(), 'Happened', data, metadata]);
}
