// A plain store in Node behind the official client: grpc-js with the protocol's generated code, one
// insert for all waiting appends on one connection to PostgreSQL, reads from memory. It checks
// nothing, orders nothing and never reads back an append. It is not a store, but a baseline that
// changes with the machine, unlike any published figure.
//
// DATABASE_URL=… EVENTS=… node dist/bench/bare-store.main.js serves reads of that many events, and
// prints its address.
import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { Client } from 'pg';
import { writeAll } from '#tools/event-store/back-pressure.js';
import { eventResponse } from '#tools/event-store/event-response.js';
import { serializeAnswer, toPacks } from '#tools/event-store/message-pack.js';
import { gossipHandler, supportedMethodsHandler } from '#tools/event-store/node-handlers.js';
import {
  GossipService,
  ServerFeaturesService,
  shared,
  streams,
  StreamsService,
} from '#tools/event-store/protocol.js';
import type { ReadCall } from '#tools/event-store/read-handler.js';
import { toTicks } from '#tools/event-store/stream-state.js';
import { SAMPLE_TYPE, sampleDataBytes, sampleMetadataBytes } from './sample-event.js';
import { createTable } from './single-row-commits.js';

type Request = InstanceType<typeof streams.BatchAppendReq>;
type Response = InstanceType<typeof streams.BatchAppendResp>;
interface Append {
  readonly rows: readonly (readonly unknown[])[];
  answer(): void;
}

const INSERT = {
  name: 'insert-rows',
  text: `insert into bare_events (stream, revision, id, type, data, metadata)
         select * from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[])`,
};
const SLICE = 64;

const database = new Client({ connectionString: process.env['DATABASE_URL'] });
await database.connect();
await database.query(createTable('bare_events'));

const heads = new Map<string, number>();
let waiting: Append[] = [];
let isWriting = false;

async function write(append: Append): Promise<void> {
  waiting.push(append);
  if (isWriting) return;
  isWriting = true;
  while (waiting.length > 0) {
    const taken = waiting;
    waiting = [];
    const rows = taken.flatMap((one) => one.rows);
    const columns = [0, 1, 2, 3, 4, 5].map((column) => rows.map((row) => row[column]));
    await database.query(INSERT, columns);
    for (const { answer } of taken) answer();
  }
  isWriting = false;
}

function toAppend(call: ServerDuplexStream<Request, Response>, request: Request): Append {
  const identifier = request.getOptions()?.getStreamIdentifier();
  const stream = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
  let revision = heads.get(stream) ?? -1;
  const rows = request.getProposedMessagesList().map((event) => {
    revision += 1;
    const bytes = [event.getData_asU8(), event.getCustomMetadata_asU8()].map((part) => Buffer.from(part));
    return [stream, revision, event.getId()?.getString(), event.getMetadataMap().get('type'), ...bytes];
  });
  heads.set(stream, revision);
  return { rows, answer: () => call.write(toResponse(request, revision)) };
}

function toResponse(request: Request, revision: number): Response {
  const position = new shared.AllStreamPosition();
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(String(revision));
  success.setPosition(position);
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(request.getCorrelationId());
  response.setStreamIdentifier(request.getOptions()?.getStreamIdentifier());
  response.setSuccess(success);
  return response;
}

function batchAppend(call: ServerDuplexStream<Request, Response>): void {
  call.on('data', (request: Request) => void write(toAppend(call, request)));
  call.on('error', () => undefined);
  call.on('end', () => call.end());
}

const stream = `bench-${randomUUID()}`;
const events = Array.from({ length: Number(process.env['EVENTS']) }, (_, index) => {
  const [revision, position] = [BigInt(index), BigInt(index + 1)];
  const content = { type: SAMPLE_TYPE, isJson: true, data: sampleDataBytes, metadata: sampleMetadataBytes };
  const event = { id: randomUUID(), stream, revision, position, created: toTicks(Date.now()), ...content };
  return eventResponse({ event, link: undefined }, 'string');
});

async function read(call: ReadCall): Promise<void> {
  for (let at = 0; at < events.length; at += SLICE) {
    if (!(await writeAll(call, toPacks(events.slice(at, at + SLICE))))) return;
  }
  call.end();
}

const server = new Server();
const definition = {
  ...StreamsService,
  read: { ...StreamsService.read, responseSerialize: serializeAnswer },
};
server.addService(definition, { batchAppend, read: (call: ReadCall) => void read(call) });
server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  server.addService(GossipService, { read: gossipHandler('127.0.0.1', port) });
  console.log(`esdb://127.0.0.1:${port}?tls=false`);
});
