# A new version of this script, once for each version that is asked for.
:local version [:tostr ($answer->"agent")]
:if ([:len $version] > 0 and $version != "@version@" and \
  $version != ($tikfleetMemory->"upgraded")) do={
  @try@
    $download ($server . "/agent/v1/agent") $token "tikfleet-agent.rsc"
    :set ($tikfleetMemory->"upgraded") $version
    /import file-name=tikfleet-agent.rsc
  @catch@
    :log warning ("tikfleet: the agent could not be replaced: " . $failure)
  }
  :do { /file remove [/file find where name="tikfleet-agent.rsc"] } on-error={}
}

# The server lets this router go: take away what enrolment added, after this run.
:if (($answer->"remove") = "@yes@") do={
  @try@
    $download ($server . "/agent/v1/remove") $token "tikfleet-remove.rsc"
    :execute script="/import file-name=tikfleet-remove.rsc"
  @catch@
    :log warning ("tikfleet: the removal could not begin: " . $failure)
  }
}
