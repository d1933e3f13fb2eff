# Interfaces, without those that one PPP session makes: "ppp-active" counts them.
:if ([$due "interfaces"]) do={
  @try@
    :local rows ""
    :local cut 0
    :foreach id in=[/interface find where !(dynamic=yes and type~"-in\$")] do={
      :local row [:toarray ""]
      # An interface that vanishes in between costs its own row only.
      :do {
        :set ($row->"name") [/interface get $id name]
        :set ($row->"type") [/interface get $id type]
        :set ($row->"mac-address") [/interface get $id mac-address]
        :set ($row->"actual-mtu") [/interface get $id actual-mtu]
        :set ($row->"running") [/interface get $id running]
        :set ($row->"disabled") [/interface get $id disabled]
        :set ($row->"link-downs") [/interface get $id link-downs]
        :set ($row->"last-link-up-time") [/interface get $id last-link-up-time]
        :set ($row->"rx-byte") [/interface get $id rx-byte]
        :set ($row->"tx-byte") [/interface get $id tx-byte]
        :set ($row->"rx-packet") [/interface get $id rx-packet]
        :set ($row->"tx-packet") [/interface get $id tx-packet]
        :set ($row->"rx-error") [/interface get $id rx-error]
        :set ($row->"tx-error") [/interface get $id tx-error]
        :set ($row->"rx-drop") [/interface get $id rx-drop]
        :set ($row->"tx-drop") [/interface get $id tx-drop]
        :if ([:len $rows] < 30000) do={ :set ($row->"comment") [/interface get $id comment] }
      } on-error={}
      :if ([:len $rows] < 48000) do={
        :set rows ($rows . [$entry "interfaces" $row])
      } else={
        :set cut ($cut + 1)
      }
    }
    :set ($texts->"interfaces") [$section "interfaces" $rows "rows"]
    :if ([:len $rows] >= 30000) do={
      :local note ("comments left out from the 30,000th byte on, and " . $cut . " interfaces")
      :set errors ($errors . [$entry "errors" ({ "section"="interfaces"; "error"=$note })])
    }
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="interfaces"; "error"=$failure })])
  }
}
