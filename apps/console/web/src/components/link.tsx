import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface ToProps {
  /** A path of the console, as links of the API name them. */
  readonly to: string;
  readonly className?: string;
  readonly children: ReactNode;
  readonly onClick?: () => void;
}

/** A link to a page of the console whose address is known only when it runs. */
export function To({ to, children, ...rest }: ToProps) {
  const [path = '', search] = to.split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  return (
    <Link {...({ to: decodeURIComponent(path), search: query } as unknown as LinkProps)} {...rest}>
      {children}
    </Link>
  );
}
