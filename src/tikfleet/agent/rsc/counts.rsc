# How many leases are bound and how many PPP sessions are up.
:if ([$due "counts"]) do={
  @try@
    :set ($top->"dhcp-leases") \
      [$late "/ip dhcp-server lease print count-only where status=\"bound\""]
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="dhcp-leases"; "error"=$failure })])
  }
  @try@
    :set ($top->"ppp-active") [$late "/ppp active print count-only"]
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="ppp-active"; "error"=$failure })])
  }
}
