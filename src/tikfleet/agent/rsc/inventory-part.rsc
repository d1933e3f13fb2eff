# The inventory goes out when it is not what the server has. Its tag says which one that is.
:local inventoryText ""
:if ([$due "inventory"]) do={
  @try@
#+ inventory
    :set inventoryText [$section "inventory" [$entry "inventory" $inventory] "group"]
    :if ($inventoryText != ($tikfleetMemory->"inventory") or \
      [:typeof [:find $want "inventory"]] = "num") do={
      :set ($texts->"inventory") $inventoryText
    }
  @catch@
    :set errors ($errors . [$entry "errors" ({ "section"="inventory"; "error"=$failure })])
  }
}
:local tags { "inventory"=($tikfleetMemory->"tags.inventory"); \
  "neighbors"=($tikfleetMemory->"tags.neighbors") }
:if ([:len ($tags->"inventory")] > 0 or [:len ($tags->"neighbors")] > 0) do={
  :set ($texts->"tags") [$section "tags" [$entry "tags" $tags] "group"]
}
