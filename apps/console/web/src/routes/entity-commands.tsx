import { useSearch } from '@tanstack/react-router';
import { mayUse } from '../api/catalog.js';
import { useSession } from '../api/session.js';
import { CommandForm } from '../components/command-form.js';
import { To } from '../components/link.js';
import { Notice } from '../components/states.js';
import { pageOf } from '../navigation.js';
import type { EntityView } from './entity.js';

/** The commands that the user may send. Those that need the entity come first if it exists. */
export function EntityCommands({ category, id, state, currency }: EntityView) {
  const { verb, with: given } = useSearch({ from: '/entities/$category/$id' });
  const session = useSession();
  const allowed = category.commands.filter((command) => mayUse(command.allow, session));
  const offered = [...allowed].sort((a, b) => Number(a.creates) - Number(b.creates));
  const ordered = state ? offered : offered.reverse();
  const command = ordered.find(({ name }) => name === verb) ?? ordered[0];
  if (!command) return <Notice tone="forbidden" title="There is no command that your roles allow" />;
  return (
    <section className="panel commands" aria-label="Commands">
      <nav aria-label="Choose a command">
        {ordered.map(({ name, title }) => (
          <To
            key={name}
            to={`${pageOf(category.name, id)}?tab=command&verb=${name}`}
            className={name === command.name ? 'current' : ''}
          >
            {title}
          </To>
        ))}
      </nav>
      <div>
        <h2>{command.title}</h2>
        <CommandForm
          key={`${command.name} ${session.name} ${given}`}
          category={category.name}
          command={command}
          id={id}
          currency={currency}
          given={given}
        />
      </div>
    </section>
  );
}
