"""Words too common to tell one decision from another, by language. Also what a record's language is guessed from."""

_ENGLISH = """
a about above after again against all also am an and any are aren't as at be because been before being below between
both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else etc
ever few for from further had hadn't has hasn't have haven't having he her here hers herself him himself his how
however i if in into is isn't it it's its itself just let's may me might more most must my myself neither no nor not
now of off on once only onto or other our ours ourselves out over own per rather same shall she should shouldn't since
so some such than that that's the their theirs them themselves then there these they this those through thus to too
under until up upon us very via was wasn't we we're were weren't what when where whether which while who whom whose
why will with within without won't would wouldn't yet you your yours yourself
"""
_FRENCH = """
a afin ai ainsi alors apres au aucun aussi autre autres aux avait avant avec avoir avons beaucoup c car ce ceci cela
celle celles celui ces cet cette ceux chaque chez ci comme comment contre d dans de depuis des deux doit doivent donc
dont du elle elles en encore entre es est et etaient etait etant etc ete etre eu faire fait faut ici il ils j je jusqu
jusque l la le les leur leurs lors lorsque lui m ma mais me meme memes mes moins mon n ne ni nos notre nous on ont ou
par parce pas peu peut peuvent plus plusieurs pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans
se sera serait ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une vers vos votre
vous y
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis bist da dabei
dadurch dafur damit dann daran darauf darin darum das dass dein dem den denn der deren des deshalb dessen dich die
dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwa etwas euch
fur gegen gibt hab habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja
jede jedem jeden jeder jedes jedoch kann kein keine keinen konnen konnte man mehr mein mich mir mit muss mussen nach
nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich sie sind so solche soll
sollen sollte sondern sonst sowie uber um und uns unser unter viel vom von vor wahrend war waren warum was weil weiter
welche welchem welchen welcher wenn wer werden wie wieder will wir wird wo wurde wurden zu zum zur zwar zwischen
"""
_SPANISH = """
a al algo algunas algunos ante antes aqui asi aun aunque bajo cada como con contra cual cuales cuando cuanto de debe
deben del desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estado
estan estar estas este esto estos fue fueron ha habia han hasta hay la las le les lo los mas me mediante mi mientras
mis muy nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque puede pueden pues
que quien quienes se sea segun ser si sido sin sobre solo son su sus tal tambien tanto te tiene tienen toda todas todo
todos tras tu un una uno unos usted y ya yo
"""
_PORTUGUESE = """
a ainda algo alguma algumas alguns ao aos apenas apos aquela aquele as ate cada com como contra da das de deve devem
dela dele deles depois desde dessa desse desta deste do dois dos e ela elas ele eles em entre era eram essa essas esse
esses esta estamos estao estar estas este estes eu foi foram ha isso isto ja la lhe mais mas me mesmo meu minha muito
na nada nao nas nem nenhum no nos nossa nosso num numa o os ou outra outras outro outros para pela pelas pelo pelos
pode podem por porque pois porem qual quando quanto que quem se seja sem ser sera seu seus sido so sobre sua suas sao
tal tambem tanto te tem tendo teve ter toda todas todo todos tudo um uma umas uns voce
"""

# ISO 639-1 code to folded words. Apostrophes part words, so `l'on` is `l` and `on`.
STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(part for word in _ENGLISH.split() for part in word.split("'")),
    "fr": frozenset(_FRENCH.split()),
    "de": frozenset(_GERMAN.split()),
    "es": frozenset(_SPANISH.split()),
    "pt": frozenset(_PORTUGUESE.split()),
}
