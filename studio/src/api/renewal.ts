/** How lists that have no event stream follow what workflows, jobs and other people do while they are in sight. */

/** How often they are read anew, in ms. */
export const RENEW = 10_000;

interface Read {
  state: { data?: { pages: readonly unknown[] } | undefined };
}

/** For lists read page by page. With further pages open, renewing would read them all and move what is being looked at. */
export const renewFirstPage = ({ state }: Read): number | false =>
  state.data?.pages.length === 1 ? RENEW : false;
