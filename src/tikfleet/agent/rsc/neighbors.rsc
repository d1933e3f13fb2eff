# Neighbours go out when they are not what the server has.
:local neighborsText ""
:if ([$due "neighbors"]) do={
  @try@
    :local rows ""
    :foreach item in=[/ip neighbor print as-value] do={
      :local row [:toarray ""]
      :foreach key in={ "interface"; "address"; "mac-address"; "identity"; "platform"; \
        "version"; "board"; "discovered-by" } do={ :set ($row->$key) ($item->$key) }
      :set rows ($rows . [$entry "neighbors" $row])
    }
    :set neighborsText [$section "neighbors" $rows "rows"]
    :if ($neighborsText != ($tikfleetMemory->"neighbors") or \
      [:typeof [:find $want "neighbors"]] = "num") do={
      :set ($texts->"neighbors") $neighborsText
    }
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="neighbors"; "error"=$failure })])
  }
}
