import { useSearch } from '@tanstack/react-router';
import { useConsole } from '../api/catalog.js';
import { Filters } from '../components/filters.js';
import { ListPanel } from '../components/list-panel.js';

const PATH = '/v1/audit';

/** What operators did through all services, the latest first. */
export function Audit() {
  const given = useSearch({ from: '/operations/$part' });
  const { data } = useConsole();
  const parameters = data?.operations.find(({ method, path }) => method === 'get' && path === PATH)?.query;
  return (
    <>
      {parameters && <Filters parameters={parameters} given={given} />}
      <ListPanel title="Acts" file="audit" path={PATH} given={given} />
    </>
  );
}
