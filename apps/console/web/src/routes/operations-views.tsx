import { useSearch } from '@tanstack/react-router';
import { SERVICE_NAMES, type ServiceName } from '#contracts/services.js';
import { operationsOf, serviceOfView, usePolled } from '../api/operations.js';
import { Grid } from '../components/grid.js';
import { To } from '../components/link.js';
import { Panel } from '../components/panel.js';
import { Status } from '../components/value.js';
import { ParkedEntities, ParkedEntity } from './operations-parked.js';
import { Rebuild } from './operations-rebuild.js';

interface View {
  readonly view: string;
  readonly version: number;
  readonly state: string;
  readonly lag: number;
  readonly parkedEntities: number;
}

/** Whether views are current, and one of them: what it could not fold, and its rebuild. */
export function Views() {
  const { view, stream } = useSearch({ from: '/operations/$part' });
  const service = view === undefined ? undefined : serviceOfView(view);
  return (
    <>
      {view !== undefined && service && (
        <>
          <p>
            <To to="/operations/views">All views</To>
          </p>
          {stream !== undefined && <ParkedEntity service={service} view={view} stream={stream} />}
          <ParkedEntities service={service} view={view} />
          <Rebuild service={service} view={view} />
        </>
      )}
      {(view === undefined ? SERVICE_NAMES : []).map((name) => (
        <ViewsOf key={name} service={name} />
      ))}
    </>
  );
}

function ViewsOf({ service }: { readonly service: ServiceName }) {
  const query = usePolled<{ data: readonly View[] }>(`${operationsOf(service)}/views`);
  return (
    <Panel title={`Views of ${service}`} query={query} lines={6} isEmpty={({ data }) => data.length === 0}>
      {({ data }) => (
        <Grid label={`Views of ${service}`} columns={['View', 'State', 'Lag', 'Parked entities']}>
          <tbody>
            {data.map(({ view, state, lag, parkedEntities }) => (
              <tr key={view}>
                <td>
                  <To to={`/operations/views?view=${view}`}>{view}</To>
                </td>
                <td>
                  <Status value={state} />
                </td>
                <td data-number>{lag.toLocaleString()}</td>
                <td data-number>{parkedEntities.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </Grid>
      )}
    </Panel>
  );
}
