/** Entities and sagas that run beside another one, in its service. */
const hostedBy: Readonly<Record<string, string>> = { transfer: 'account', checkout: 'cart' };

/** The task queue on which the entities of a category run: that of their service. */
export function taskQueueOf(category: string): string {
  return hostedBy[category] ?? category;
}
