import { Module } from '@nestjs/common';
import { DoctorController } from './doctor/doctor.controller.js';
import { RelaysController } from './relays/relays.controller.js';
import { ParkingController } from './views/parking.controller.js';
import { RebuildController } from './views/rebuild.controller.js';
import { ViewOperationsController } from './views/view-operations.controller.js';

/** The operators' routes of a service. `RouterModule` puts them at `/v1/operations/{service}`. */
@Module({
  controllers: [
    ViewOperationsController,
    RelaysController,
    DoctorController,
    ParkingController,
    RebuildController,
  ],
})
export class OperationsModule {}
