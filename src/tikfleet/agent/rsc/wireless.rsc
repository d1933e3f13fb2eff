# Wireless clients, from whichever of the radio menus this router has.
:if ([$due "wireless"]) do={
  :local rows ""
  :local menus 0
  :foreach menu,source in={ \
#<AB
    "/interface wifi"="wifi"; \
#<C
    "/interface wifiwave2"="wifi"; \
#>
    "/interface wireless"="wireless"; \
    "/caps-man"="capsman" \
  } do={
    :do {
      :local clients [$late ($menu . " registration-table print as-value")]
      :set menus ($menus + 1)
      :foreach item in=$clients do={
        :local row [:toarray ""]
        :foreach key in={ "interface"; "mac-address"; "ssid"; "signal"; "tx-rate"; "rx-rate"; \
          "uptime" } do={ :set ($row->$key) ($item->$key) }
        :foreach key in={ "signal-strength"; "rx-signal" } do={
          :if ([:len [:tostr ($item->$key)]] > 0) do={ :set ($row->"signal") ($item->$key) }
        }
        :set ($row->"source") $source
        :set rows ($rows . [$entry "wireless" $row])
      }
    } on-error={}
  }
  # Without such a menu there is no table at all, which is not the same as an empty one.
  :if ($menus > 0) do={ :set ($texts->"wireless") [$section "wireless" $rows "rows"] }
}
