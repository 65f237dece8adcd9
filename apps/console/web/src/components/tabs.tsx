import { To } from './link.js';

interface TabsProps {
  readonly label: string;
  readonly current: string;
  /** The name of each in the address, and its title. */
  readonly tabs: readonly (readonly [string, string])[];
  readonly to: string;
}

/** Parts of a page, each with an address of its own. */
export function Tabs({ label, current, tabs, to }: TabsProps) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(([name, title]) => (
        <To key={name} to={`${to}?tab=${name}`} className={name === current ? 'current' : ''}>
          {title}
        </To>
      ))}
    </nav>
  );
}
