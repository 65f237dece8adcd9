import { randomUUID } from 'node:crypto';
import type { handleUnaryCall, ServiceDefinition } from '@grpc/grpc-js';
import { LEFT_OUT_SERVICES } from './left-out-services.js';
import { features, gossip, shared, StreamsService } from './protocol.js';

/** The EventStoreDB version whose behaviour this server has. */
export const ANNOUNCED_VERSION = '23.10.6';

type Empty = InstanceType<typeof shared.Empty>;

/** Variants of a call that clients distinguish. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  'event_store.client.persistent_subscriptions.persistentsubscriptions': ['stream', 'all'],
};

/** The supported calls, which clients query when they connect. */
export const supportedMethodsHandler: handleUnaryCall<
  Empty,
  InstanceType<typeof features.SupportedMethods>
> = (_, callback) => {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(ANNOUNCED_VERSION);
  const definitions = [StreamsService as ServiceDefinition, ...LEFT_OUT_SERVICES].flatMap(Object.values);
  for (const { path } of definitions as { path: string }[]) {
    const [, service = '', name = ''] = path.toLowerCase().split('/');
    const method = new features.SupportedMethod();
    method.setServiceName(service);
    method.setMethodName(name);
    method.setFeaturesList([...(FEATURES[service] ?? [])]);
    supported.addMethods(method);
  }
  callback(null, supported);
};

/** The cluster of one: this node, as leader. */
export function gossipHandler(
  host: string,
  port: number,
): handleUnaryCall<Empty, InstanceType<typeof gossip.ClusterInfo>> {
  const instance = new shared.UUID();
  instance.setString(randomUUID());
  return (_, callback) => {
    const endpoint = new gossip.EndPoint();
    endpoint.setAddress(host);
    endpoint.setPort(port);
    const member = new gossip.MemberInfo();
    member.setInstanceId(instance);
    member.setTimeStamp(String(BigInt(Date.now()) * 10_000n));
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(endpoint);
    const cluster = new gossip.ClusterInfo();
    cluster.addMembers(member);
    callback(null, cluster);
  };
}
