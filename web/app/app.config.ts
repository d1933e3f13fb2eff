/** One accent (`fleet`), one neutral; states speak in success, warning and error and nothing else does. */
export default defineAppConfig({
  ui: {
    colors: { primary: 'fleet', neutral: 'zinc', success: 'emerald', warning: 'amber', error: 'red', info: 'sky' },
    button: { slots: { base: 'cursor-pointer disabled:cursor-not-allowed' } },
    card: { slots: { root: 'rounded-lg', header: 'p-3 sm:px-4', body: 'p-3 sm:p-4', footer: 'p-3 sm:px-4' } },
    table: {
      slots: {
        th: 'py-2 px-3 text-xs font-medium text-muted whitespace-nowrap',
        td: 'py-1.5 px-3 text-[13px] whitespace-nowrap text-default',
        tr: 'data-[selected=true]:bg-primary/5',
      },
    },
    dashboardPanel: { slots: { body: 'gap-4 sm:gap-4 p-3 sm:p-5 *:shrink-0' } },
    dashboardNavbar: { slots: { root: 'h-14', title: 'text-[15px]' } },
    dashboardToolbar: { slots: { root: 'min-h-11' } },
    modal: { slots: { overlay: 'bg-zinc-950/30 dark:bg-zinc-950/60' } },
    slideover: { slots: { overlay: 'bg-zinc-950/30 dark:bg-zinc-950/60' } },
    // What explains a field is quieter than its label.
    formField: { slots: { help: 'mt-1 text-[13px]', error: 'mt-1 text-[13px]', hint: 'text-[13px]' } },
    checkbox: { slots: { description: 'text-[13px]' } },
    switch: { slots: { description: 'text-[13px]' } },
    navigationMenu: { slots: { link: 'text-[13px]' } },
  },
})
