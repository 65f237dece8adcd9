import type { DynamicModule } from '@nestjs/common';
import { AuditController } from './audit.controller.js';

class AuditModule {}

/** The route of the audit of all services. One service has it. */
export function auditModule(): DynamicModule {
  return { module: AuditModule, controllers: [AuditController] };
}
