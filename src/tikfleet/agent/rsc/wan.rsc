# The address of the interface that the default route leaves by.
:if ([$due "wan"]) do={
  @try@
    :foreach id in=[/ip route find where dst-address="0.0.0.0/0" and active=yes] do={
#<ABC
      :local out [:tostr [/ip route get $id immediate-gw]]
      :local cut [:find $out "%"]
      :if ([:typeof $cut] = "num") do={ :set out [:pick $out ($cut + 1) [:len $out]] }
#<D
      :local out [:tostr [/ip route get $id gateway-status]]
      :local cut [:find $out "via  "]
      :if ([:typeof $cut] = "num") do={ :set out [:pick $out ($cut + 5) [:len $out]] }
      :set cut [:find $out " "]
      :if ([:typeof $cut] = "num") do={ :set out [:pick $out 0 $cut] }
#>
      :foreach held in=[/ip address find where interface=$out and disabled=no] do={
        :if ([:len ($top->"wan-address")] = 0) do={
          :set ($top->"wan-address") [/ip address get $held address]
        }
      }
    }
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="wan"; "error"=$failure })])
  }
}
