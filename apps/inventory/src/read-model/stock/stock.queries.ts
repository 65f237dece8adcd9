import { z } from 'zod';
import { defineList } from '#libs/api/entities/read-route.js';
import { stockTable, stockView } from './stock.projection.js';

const levels = {
  low: 'available <= reorder_point',
  'sold-out': 'available = 0',
  awaited: 'waiting > 0',
} as const;

export const stockList = defineList({
  path: '/v1/inventory',
  operationId: 'inventoryList',
  summary: 'Stock levels, by SKU',
  allow: ['anyone'],
  view: stockView,
  table: stockTable,
  filterBy: ['status'],
  query: {
    level: z
      .enum(['low', 'sold-out', 'awaited'])
      .optional()
      .meta({ description: 'At or below the reorder point; nothing available; somebody in line' }),
  },
  where: ({ level }) => (level === undefined ? [] : [[levels[level]]]),
  orderBy: ['id'],
});
