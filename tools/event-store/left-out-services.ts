import {
  type Server,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  status as grpc,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  MonitoringService,
  OperationsService,
  PersistentSubscriptionsService,
  ProjectionsService,
  UsersService,
} from './protocol.js';

/** What the server leaves out, and what serves instead. */
const LEFT_OUT: readonly (readonly [ServiceDefinition, string])[] = [
  [
    PersistentSubscriptionsService,
    'persistent subscriptions are left out: use a catch-up subscription and keep its checkpoint yourself',
  ],
  [
    ProjectionsService,
    'projections are left out, so are their streams ($ce-, $et-, …): subscribe to $all with a filter by stream name or event type',
  ],
  [UsersService, 'there are no users: the server answers whoever reaches its loopback address'],
  [
    OperationsService,
    'operations are left out: erased events are cleared away in the background, and SIGTERM stops the server',
  ],
  [MonitoringService, 'monitoring is left out: ask for /stats by HTTP on the same port'],
];

/** The services as such: clients ask for what they know before they call it, and would not get to the sentence. */
export const LEFT_OUT_SERVICES = LEFT_OUT.map(([service]) => service);

/** Lets the server answer the services that it leaves out with UNIMPLEMENTED and a sentence. */
export function addLeftOutServices(server: Server): void {
  for (const [service, sentence] of LEFT_OUT) server.addService(service, refusals(service, sentence));
}

function refusals(service: ServiceDefinition, sentence: string): UntypedServiceImplementation {
  const refusal: Partial<ServiceError> = { code: grpc.UNIMPLEMENTED, details: sentence };
  const refuseStream = (call: ServerWritableStream<unknown, unknown>): void => {
    call.on('error', () => undefined); // the client has gone
    call.emit('error', refusal);
  };
  const refuseOne = (_: unknown, callback: (error: Partial<ServiceError>) => void): void => callback(refusal);
  return Object.fromEntries(
    Object.entries(service).map(([name, { responseStream }]) => [
      name,
      responseStream ? refuseStream : refuseOne,
    ]),
  );
}
