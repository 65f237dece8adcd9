import { useConsole } from '../api/catalog.js';
import { pageOf } from '../navigation.js';
import { To } from './link.js';

/** The name of a stream: category, tenant and id. */
const STREAM = /^([A-Za-z]+)-([^.]+)\.(.+)$/;

/** Who has done something: a person, or an entity, saga or flow, which has a page. */
export function Actor({ name }: { readonly name: string | undefined }) {
  const { data } = useConsole();
  const [, category, , id] = STREAM.exec(name ?? '') ?? [];
  if (category === undefined || id === undefined || !data?.categories.some((one) => one.name === category)) {
    return name ?? '–';
  }
  return (
    <To to={pageOf(category, id)}>
      {category} {id}
    </To>
  );
}
