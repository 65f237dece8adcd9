// The official client includes code generated from EventStoreDB's protocol, with the service
// definitions that a server needs. It is CommonJS, so Node finds its names only on the default
// export.
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featureMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import monitoringServices from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import operationsServices from '@eventstore/db-client/generated/operations_grpc_pb.js';
import persistentServices from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import projectionsServices from '@eventstore/db-client/generated/projections_grpc_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import usersServices from '@eventstore/db-client/generated/users_grpc_pb.js';
import anyMessages from 'google-protobuf/google/protobuf/any_pb.js';
import emptyMessages from 'google-protobuf/google/protobuf/empty_pb.js';

export const { GossipService } = gossipServices;
export const { MonitoringService } = monitoringServices;
export const { OperationsService } = operationsServices;
export const { PersistentSubscriptionsService } = persistentServices;
export const { ProjectionsService } = projectionsServices;
export const { UsersService } = usersServices;
export const { ServerFeaturesService } = featureServices;
export const { StreamsService } = streamServices;
export const gossip = gossipMessages;
export const features = featureMessages;
export const shared = sharedMessages;
export const status = statusMessages;
export const streams = streamMessages;
export const { Any } = anyMessages;
export const { Empty } = emptyMessages;
