# The first LTE modem. A router without the menu or without a modem says nothing here.
:if ([$due "lte"]) do={
  :local modems [:toarray ""]
  :do { :set modems [$late "/interface lte find"] } on-error={}
  :if ([:len $modems] > 0) do={
    @try@
      :local row [:toarray ""]
      :local modem ($modems->0)
#<ABC
      :local item [$late ("/interface lte monitor " . $modem . " once as-value")]
#<D
      :local item [$late ("/interface lte info " . $modem . " once as-value")]
#>
      :foreach key in={ "registration-status"; "current-operator"; "access-technology"; \
        "rssi"; "rsrp"; "rsrq"; "sinr"; "primary-band" } do={ :set ($row->$key) ($item->$key) }
      :set ($row->"interface") [$late ("/interface lte get " . $modem . " name")]
      :set ($texts->"lte") [$section "lte" [$entry "lte" $row] "group"]
    @catch@
      :set errors ($errors . [$entry "errors" ({ "section"="lte"; "error"=$failure })])
    }
  }
}
