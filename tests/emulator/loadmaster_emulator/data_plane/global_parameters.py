# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parameters of the whole appliance mean for the traffic: each is expressed, of no effect, or refused."""

from __future__ import annotations

from collections.abc import Mapping

from loadmaster_emulator.data_plane.words import Inexpressible
from loadmaster_emulator.parameters import PARAMETERS, Form
from loadmaster_emulator.vs_fields import Stored

EXPRESSED = frozenset(
    "droponfail dropatdrainend slowstart addforwardheader hostname SSLForceServerVerify subnetorigin subnetoriginating "
    "SendRateLimitError".split()
)
#: Those that no request notices, by the reason for that.
WITHOUT_EFFECT: dict[str, str] = {
    "the appliance is administered by them": (
        "sshaccess sshport sshiface SSHPreAuth wuiaccess wuiiface wuiport apiport enableapi admingw multihomedwui hoverhelp motd "
        "wuidisplaylines autosave sessioncontrol sessionbasicauth sessionidletime sessionmaxfailattempts sessionconcurrent "
        "sessionauthmode sessionlocalauth WUIPreAuth WUITLSProtocols WUITLS13Ciphersets wuicipherset WUICACertList wuildapep "
        "wuidomain wuiusergroups wuinestedgroups wuiservercertval wuicertmapping adminclientaccess AllowNoLocalUserClientCert "
        "radiusserver radiusport radiussecret radiusbackupport radiusbackupsecret radiusrevalidateinterval radiussendnasid "
        "radiussendvendorspec MinPassword EnableIsetupCli extendedperms hideaslloginmsg ECCerts Tethering http_proxy dhcpv6 "
        "dhcpv6release dhcpv6duid irqbalance irqpinning"
    ),
    "they are about backups, time, names, mail, figures and logs": (
        "backupday backupenable backuphost backuphour backupminute backuppassword backuppath backupuser backuptop backupnetstat "
        "backupsecure backupmethod backupident ntphost ntpkeytype ntpkeyid ntpkeysecret timezone nameserver searchlist dnssecclient "
        "DNSNamesEnable DNSUpdateInterval DNSReloadOnError emailenable emailuser emaildomain emailpassword emailserver emailsslmode "
        "emailport emailcritical emailemergency emailerror emailinfo emailnotice emailwarn snmpenable snmpclient snmpcommunity "
        "snmpcontact snmplocation snmpV3enable snmpv3user snmpv3userpasswd snmpV3Privenable snmpv3privpasswd snmpAuthProt "
        "snmpPrivProt snmpHaTrap snmptrapenable snmpv1sink snmpv2sink syslogcritical syslogemergency syslogerror sysloginfo "
        "syslognotice syslogwarn SyslogPort SyslogPrefix SyslogProt SyslogCert netconsoleinterface logsplitinterval loguseragent "
        "CEFmsgFormat LimitLogging ClientRepeatDelay sslclienterrors linearesplogs directoryurl renewperiod acmetype "
        "TelemetryActiveTimeout TelemetryInActiveTimeout TelemetryServer TelemetryOptArp TelemetryOptDhcp TelemetryOptDns "
        "TelemetryOptHttp TelemetryOptMail TelemetryOptNbar2 TelemetryOptSamba TelemetryOptExtendedVoip TelemetryOptPostgres "
        "TelemetryOptMySql TelemetryOptNpm TelemetryOptExtendedNpm TelemetryOptTds"
    ),
    "one machine has neither a partner nor other networks": (
        "hatimeout hawait haprefered hamode havhid hastyle hainitial ha1hostname ha2hostname L4SyncThreshold L4SyncPeriod "
        "L4SyncRefreshPeriod geoclients geopartners geosshport geo_ssh_iface dfltgw dfltgwv6 multigw onlydefaultroutes routefilter "
        "IPV6forwarding snat nonlocalrs"
    ),
    "they are below what a request notices": "keepalive tcptimestamp tcpsack TCPnorecycle",
    "every service has an idle time-out of its own, which goes before it": "conntimeout",
    "they are about persistence, which is refused": "alwayspersist addcookieport finalpersist ShareSubVSPersist",
    "they are about pre-authentication, which is refused": (
        "authtimeout clienttokentimeout L7SameSite ssomaxthreads KcdCipherSha1 samlidpprov samlidpmatchcert"
    ),
    "they are about the cache and the firewall, which are refused": "paranoia cachesize hostcache addvia",
    "they are about settings of services that are refused": "localbind SecurityHeaderAge",
    "they are about the state of certificates that is not asked for": (
        "OCSPServer OCSPUrl OCSPPort OCSPUseSSL OCSPOnServerFail SSLRefreshInterval"
    ),
}
_UNNOTICED = frozenset(name for names in WITHOUT_EFFECT.values() for name in names.split())
#: All others change what happens to requests, in a way that is not expressed here.
REFUSED = frozenset(row.name for row in PARAMETERS if row.form is not Form.LIVE) - EXPRESSED - _UNNOTICED
_ROWS = {row.name: row for row in PARAMETERS}


def check(parameters: Mapping[str, Stored]) -> None:
    """Refuse a parameter that would have no effect here and has one on a LoadMaster, unless it is as on a new one."""
    for name in sorted(REFUSED & parameters.keys()):
        row, value = _ROWS[name], parameters[name]
        if value != row.default and (row.old_default is None or value != row.old_default):
            raise Inexpressible("global parameters", f"{name} {value}")
