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

/** Services that the server does not support, and alternatives. */
const LEFT_OUT: readonly (readonly [ServiceDefinition, string])[] = [
  [
    PersistentSubscriptionsService,
    'persistent subscriptions are not supported: use a catch-up subscription and store its checkpoint yourself',
  ],
  [
    ProjectionsService,
    'projections are not supported, nor are their streams ($ce-, $et-, …): subscribe to $all with a filter by stream name or event type',
  ],
  [
    UsersService,
    'users are not supported: the server accepts every caller that can reach its loopback address',
  ],
  [
    OperationsService,
    'operations are not supported: erased events are removed in the background, and SIGTERM stops the server',
  ],
  [MonitoringService, 'monitoring is not supported: GET /stats over HTTP on the same port'],
];

/**
 * The definitions of these services. Clients query the supported methods before a call, and would
 * otherwise never see the explanation.
 */
export const LEFT_OUT_SERVICES = LEFT_OUT.map(([service]) => service);

/** Makes the server answer unsupported services with UNIMPLEMENTED and an explanation. */
export function addLeftOutServices(server: Server): void {
  for (const [service, sentence] of LEFT_OUT) server.addService(service, refusals(service, sentence));
}

function refusals(service: ServiceDefinition, sentence: string): UntypedServiceImplementation {
  const refusal: Partial<ServiceError> = { code: grpc.UNIMPLEMENTED, details: sentence };
  const refuseStream = (call: ServerWritableStream<unknown, unknown>): void => {
    call.on('error', () => undefined); // the client has disconnected
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
