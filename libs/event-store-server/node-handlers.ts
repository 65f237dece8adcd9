import { randomUUID } from 'node:crypto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { features, gossip, shared, StreamsService } from './protocol.js';

/** The line of EventStoreDB whose behaviour this server shows. */
export const ANNOUNCED_VERSION = '23.10.6';

type Empty = InstanceType<typeof shared.Empty>;

/** What the server can do, as clients ask it on connecting. */
export const supportedMethodsHandler: handleUnaryCall<
  Empty,
  InstanceType<typeof features.SupportedMethods>
> = (_, callback) => {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(ANNOUNCED_VERSION);
  for (const definition of Object.values(StreamsService)) {
    const [, service = '', name = ''] = (definition as { path: string }).path.split('/');
    const method = new features.SupportedMethod();
    method.setServiceName(service.toLowerCase());
    method.setMethodName(name.toLowerCase());
    supported.addMethods(method);
  }
  callback(null, supported);
};

/** The cluster of one: this node, leading. */
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
