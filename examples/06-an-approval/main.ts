import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { EntityModule } from '#libs/service/entity.module.js';
import { PerdureModule } from '#libs/service/perdure.module.js';
import { orderApprovalContract } from './order-approval.contract.js';
import { orderCalls } from './order.calls.js';

const workflowBundle = new URL('./workflows.bundle.js', import.meta.url);

@Module({
  imports: [
    PerdureModule.forRoot({ name: 'orders', workflowBundle, calls: orderCalls }),
    EntityModule.forFeature(hostFlow(orderApprovalContract)),
  ],
})
class OrdersModule {}

const app = await NestFactory.create(OrdersModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3010);
