/** A column of a `DataTable`. `key` names its cell slot; `sort` is the API's word for sorting by it. */
export interface Column {
  key: string
  label: string
  align?: 'end'
  sort?: string
  /** Left out below this width: a phone shows what matters first. */
  from?: 'sm' | 'md' | 'lg' | 'xl' | '2xl'
  class?: string
  /**
   * Where it stands in the card that a row becomes on a phone: its title, at the title's end, or below it, with its
   * label (`figure`) or without (`line`). Left out of the card when absent; a table where no column says so stays one.
   */
  phone?: 'title' | 'end' | 'line' | 'figure'
  /** Not in the column chooser: the table makes no sense without it. */
  fixed?: boolean
}

export const COLUMN_FROM: Record<string, string> = {
  sm: 'hidden sm:table-cell', md: 'hidden md:table-cell', lg: 'hidden lg:table-cell', xl: 'hidden xl:table-cell',
  '2xl': 'hidden 2xl:table-cell',
}

export function columnClass(column: Column): string {
  return [column.align === 'end' ? 'text-end figures' : 'text-start', column.from ? COLUMN_FROM[column.from] : '', column.class]
    .filter(Boolean).join(' ')
}

const CARD_CELL = 'max-sm:block max-sm:h-auto max-sm:w-auto max-sm:min-w-0 max-sm:max-w-full max-sm:px-0 max-sm:text-start max-sm:has-[[data-nothing]]:hidden'
const CARD_PLACE = {
  title: 'max-sm:order-1 max-sm:flex-1 max-sm:basis-1/2',
  end: 'max-sm:order-2 max-sm:shrink-0',
  line: 'max-sm:order-4 max-sm:text-xs',
  figure: 'max-sm:order-4 max-sm:text-xs',
} as const

/** What becomes of a cell when its row is a card. */
export function cardClass(column: Column): string {
  return column.phone ? `${CARD_CELL} ${CARD_PLACE[column.phone]}` : 'max-sm:hidden'
}

/** The sort to ask for next when a header is pressed: up, then down, then up. */
export function nextSort(current: string | undefined, field: string): string {
  return current === field ? `-${field}` : field
}
