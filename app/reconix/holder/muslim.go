package holder

const muslim = `
muhammad mohammed muhammadu muhammed mohammad mohamed muhamad muhamed mohamad mohd muhd mohammadu muhamadu mohamud mahomed mohamadu
ahmad ahmed ahmadu amadu amodu ahamed ahamad
abubakar abubakr abubacar aboubakar abubaka bukar abubakari abubakare
usman uthman othman usuman osman ousmane usmanu
umar omar umaru omaru oumar umarou
aliyu ali aliu alli aliyyu alliyu
ibrahim ibraheem ibrahima ebrahim brahim ibrahin ibrahem
yusuf yusufu yusuph yussuf yousuf yusif yousef yousouf
yakubu yaqub yakub yaqoub yakoob yaqubu yakoub
isa issa eesa isah issah
musa moussa musah moosa mousa
haruna harun haroun harunah haroon
idris idrees idrisu idriss idrissa idriz
ismail ismaila ismaeel ismaheel ismael ismaeil
ishaq isiaka ishaku ishak isyaku isiyaku isiaku ishaka
dauda daud dawud dawood daudu
adamu adam
saidu said saeed sayeed saeedu
saheed shaheed
sadiq sadik saddiq sadeeq sadeek sodiq sodik sadiku
siddiq siddik sidiq siddiqi
shehu sheu shehou
nasiru nasir naseer nasser nasiri
nuruddeen nurudeen nurudden nuraddeen nuradeen nooruddeen nuruddin nuru
kabiru kabir kabeer kabeeru
bashir basheer bashiru bachir
bilkisu bilqis bilkis bilqees bilikis bilikisu balkisu bilqisu
fatima fatimah fatimat fatimoh fatuma fatimatu fatmata fatimata
aisha aishatu aishat aishah ayesha aisat aisatu aishata aishetu
zainab zaynab zainabu zeinab zenab zainap zainaba
hauwa hawa hawwa hauwau hawwau
maryam mariam maryamu mariama maryama mariyam
khadija khadijah khadijat hadiza hadizat kadijat kadija khadijatu hadijat hadizatu adijat
halima halimat halimah halimatu alimat haleemah haleema
rukayya ruqayyah rukayat rukaiya ruqayya rukayyat rukkaya rukayatu ruqayyat rukayyatu rukaya rukayah
safiya safiyya safiyat sofiyat safiyyah safiyatu safiyah
hafsat hafsa hafsah hafsatu afusat hafsoh
amina aminat aminah aminatu ameena aminata
salamatu salamat
asmau asma asmaa asmahu
jamila jamilat jamilah jameela jamilatu
nafisa nafisat nafisah nafeesat nafeesa nafisatu
rahma rahmat rahama rahmatu ramatu ramat rahmah
habiba habibat habibatu habeebah habeebat habibah
habib habibu habeeb
auwal awwal auwalu lawal lawwal lawali awal awwalu
mustapha mustafa mustaphar musthapha
mansur mansoor mansir mansour monsuru mansuru
mukhtar muktar muhtar mukhtari muktari
murtala murtada murtadha murtalla muritala
mubarak mubaraq mubarack mubarik
munir muneer muniru
rabiu rabiou
rilwan ridwan ridwanu rilwanu ridhwan riduwan rilwanullah ridwanullah
salisu salis
sanusi sunusi senusi
shamsudeen shamsuddeen shamsu shamsuddin samsudeen shamsudden samsudin
sirajo siraj siraju
sirajudeen sirajuddeen sirajuddin
surajo suraj suraju
surajudeen surajuddeen
tijani tijjani tijanni
tasiu tasiyu
yahaya yahya yahaiya yahayya yahia
yunusa yunus younus yunusah yinusa yinus
zakari zakariya zakariyya zakariyah zakaria zakaryau zakariyau
zubairu zubair zubayr zubeir zubairi
jibril jibrin jibreel jubril gibril jibrilu jubrin jibrila
hamza hamzat hamzah amzat
hassan hasan hassanu alhassan alhasan alassan
hussaini hussain husain husseini hussein hussayn usaini alhussain ussaini hussani husaini useni
imran imrana
jafar jafaru jaafar jaafaru jafari
jamilu jamil jameel jamiu
kasimu kasim qasim kassim qasimu kasimi
lukman luqman lukuman luqmon lukmon
mahmud mahmoud mahmood mahmuda mamud mamuda mahamud mahmudu
maimuna maimunat maymunah maymuna memuna maimunatu maimunah
malik maliki maleek
saad saadu
saadatu saadat saadah
sabiu sabiou
azeez aziz azees azizi
rasheed rashid rashidi rasheedi rashidu
raheem rahim rahimi
rahman rahaman rahmon raman
kareem karim karimu
kadir kadiri qadir kadri
hakeem hakim akeem hakimi
hameed hamid hamidu amidu
lateef latif latifu
jalil jaleel jelili jaleelu
ganiyu gani ganiu
fatai fatah fattah fatahi
salam salami salaam
saliu salihu saleh salih saliyu swaleh salihi
sherif shariff sharif sheriff sharifu
tajudeen tajuddeen tajuddin tajudden
ramadan ramadhan ramalan ramadhani
zulaihat zulai zulaiha zulaikha zulaykha zulaihatu zuleihat
balarabe balarebe
nuhu nuh nooh
lami lamy
ladidi ladi
talatu talata
jummai jumai
rabi rabia rabiat rabiatu rabiah
sumayya sumayyah sumaiya sumaya sumaiyah
surayya surayyah suraya
hamdiyya hamdiya
barakat barakatu barka
basirat basira basiratu
bashirat bashira bashiratu
hajara hajarat hajaratu ajara hajar hajera
mairo mero
luba lubabatu lubabat lubaba
abdulrahman abdurrahman abdulrahaman abdulraman abdurahman abdulrahmon abdurrahaman abdurraman abdrahman abdurrahmaan
abdullahi abdullah abdulahi abdulai abdullai abdallah abdalla abdullaahi abdulahhi
abdulkadir abdulqadir abdulkadiri abdulkadri
abdulkarim abdulkareem
abdulazeez abdulaziz abdulazees
abdulmalik abdulmaliki abdulmaleek
abdulsalam abdulsalami abdussalam abdusalam abdulsalaam abdussalami
abdulwahab abdulwahhab
abdullateef abdullatif abdulateef abdulatif
abdulrasheed abdulrashid abdurrasheed abdulrashidi abdurrashid
abdulrazaq abdulrazak abdulrasaq abdulrazzaq abdurrazaq
abdulmumini abdulmumin abdulmumuni
abdulhamid abdulhameed
abdulganiyu abdulgani
abdulfatai abdulfatah abdulfattah
abdulhakeem abdulhakim abdulakeem
abdulbasit abdulbaasit abdulbaseet
abdulsamad abdussamad abdulsamadu
abdulwaheed abdulwahid
abduljalil abduljaleel abduljelili
abdulraheem abdulrahim abdurraheem abdurrahim
abdulqudus abdulkudus abdulquddus
abdulmajeed abdulmajid abdulmojeed
abdulnasir abdulnaseer abdunnasir
abdulgafar abdulgafaru abdulghaffar
abdulhadi abdulhady
abdulhafeez abdulhafiz
abdulmannan abdulmanan
abdulmuiz abdulmueez
abdulmujib abdulmujeeb
abdulrauf abdurrauf abdulraufu
abdulbaki abdulbaqi
`
