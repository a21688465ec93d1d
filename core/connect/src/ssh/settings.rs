//! Which settings of ssh mean something here.

/// What becomes of a setting.
pub(super) enum Fate {
    Used,
    /// Without meaning for connections like ours.
    Harmless,
    /// Would lead elsewhere, or prove less or more than asked.
    Refused(&'static str),
    Unknown,
}

/// Returns the fate of a setting, whose name is in lowercase.
pub(super) fn fate(key: &str, value: &str) -> Fate {
    let off = matches!(value.to_ascii_lowercase().as_str(), "no" | "none" | "false");
    match key {
        "hostname"
        | "port"
        | "user"
        | "identityfile"
        | "identitiesonly"
        | "proxyjump"
        | "userknownhostsfile"
        | "globalknownhostsfile"
        | "stricthostkeychecking"
        | "connecttimeout"
        | "serveraliveinterval"
        | "serveralivecountmax"
        | "hostkeyalias"
        | "hashknownhosts"
        | "addressfamily"
        | "pubkeyauthentication"
        | "passwordauthentication"
        | "kbdinteractiveauthentication"
        | "challengeresponseauthentication"
        | "preferredauthentications" => Fate::Used,
        "proxycommand" if off => Fate::Harmless,
        "proxycommand" => {
            Fate::Refused("ProxyCommand is not supported; use ProxyJump (-J) for a host in between")
        }
        "knownhostscommand"
        | "pkcs11provider"
        | "securitykeyprovider"
        | "identityagent"
        | "certificatefile"
        | "proxyusefdpass"
        | "bindaddress"
        | "bindinterface"
        | "canonicalizehostname"
        | "verifyhostkeydns"
            if !off =>
        {
            Fate::Refused("this setting of ssh is not supported")
        }
        "ciphers"
        | "macs"
        | "kexalgorithms"
        | "hostkeyalgorithms"
        | "pubkeyacceptedalgorithms"
        | "pubkeyacceptedkeytypes"
        | "casignaturealgorithms"
        | "hostbasedacceptedalgorithms" => Fate::Refused("algorithms are chosen by the program itself"),
        "gssapiauthentication"
        | "gssapidelegatecredentials"
        | "gssapikeyexchange"
        | "hostbasedauthentication"
        | "forwardagent"
        | "forwardx11"
        | "forwardx11trusted"
        | "permitlocalcommand"
        | "tunnel"
            if !off =>
        {
            Fate::Refused("this setting of ssh is not supported")
        }
        "controlmaster"
        | "controlpath"
        | "controlpersist"
        | "compression"
        | "loglevel"
        | "batchmode"
        | "tcpkeepalive"
        | "requesttty"
        | "sendenv"
        | "setenv"
        | "visualhostkey"
        | "checkhostip"
        | "updatehostkeys"
        | "ipqos"
        | "numberofpasswordprompts"
        | "addkeystoagent"
        | "escapechar"
        | "exitonforwardfailure"
        | "rekeylimit"
        | "connectionattempts"
        | "clearallforwardings"
        | "nohostauthenticationforlocalhost"
        | "fingerprinthash"
        | "warnweakcrypto"
        | "requiredrsasize"
        | "streamlocalbindunlink"
        | "enableescapecommandline"
        | "ignoreunknown"
        | "usekeychain"
        | "obscurekeystroketiming"
        | "sessiontype"
        | "stdinnull"
        | "forkafterauthentication"
        | "enablesshkeysign"
        | "syslogfacility"
        | "canonicaldomains" => Fate::Harmless,
        _ if off => Fate::Harmless,
        _ => Fate::Unknown,
    }
}
