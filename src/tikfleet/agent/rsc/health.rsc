# Sensors. RouterOS 7 lists them as rows, RouterOS 6 has one property for each.
:if ([$due "health"]) do={
  @try@
    :local rows ""
#<ABC
    :foreach item in=[$late "/system health print as-value"] do={
      :local row { "name"=($item->"name"); "value"=($item->"value"); "type"=($item->"type") }
      :set rows ($rows . [$entry "health" $row])
    }
#<D
    :foreach key,item in=[$late "/system health print as-value"] do={
      :if ([:typeof $item] != "array" and $key != ".id") do={
        :set rows ($rows . [$entry "health" ({ "name"=$key; "value"=$item })])
      }
    }
#>
    :set ($texts->"health") [$section "health" $rows "rows"]
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="health"; "error"=$failure })])
  }
}
